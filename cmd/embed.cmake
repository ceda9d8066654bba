# Files inside the programs: grenier_embed_sql(target) and grenier_embed_web(target) link a table `embedded_sql` or
# `embedded_web` of struct embedded_file (src/base/embed.h) into the target. Each table is one object library, made at
# the first call, so that several programs of one build share it.

set(GRENIER_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/embed-table.cmake)

# An object library <name> holding the table <symbol>, from a generated source.
function(grenier_embed_library name source)
  add_library(${name} OBJECT ${source})
  target_include_directories(${name} PRIVATE ${CMAKE_BINARY_DIR}/include/base)
endfunction()

function(grenier_embed_sql target)
  if(NOT TARGET grenier_embedded_sql)
    set(output ${CMAKE_BINARY_DIR}/embedded/sql.c)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/sql/*.sql)
    add_custom_command(OUTPUT ${output}
      COMMAND ${CMAKE_COMMAND} -DFOLDER=${CMAKE_SOURCE_DIR}/sql -DPATTERN=*.sql -DSYMBOL=embedded_sql
        -DOUTPUT=${output} -P ${GRENIER_EMBED_SCRIPT}
      DEPENDS ${files} ${GRENIER_EMBED_SCRIPT}
      COMMENT "Embedding sql/" VERBATIM)
    grenier_embed_library(grenier_embedded_sql ${output})
  endif()
  target_sources(${target} PRIVATE $<TARGET_OBJECTS:grenier_embedded_sql>)
endfunction()

# npm and node run only when a source of the interface or the lock file is newer than what was built.
function(grenier_embed_web target)
  if(NOT TARGET grenier_embedded_web)
    set(output ${CMAKE_BINARY_DIR}/embedded/web.c)
    set(folder ${CMAKE_BINARY_DIR}/web)
    if(GRENIER_WEB)
      find_program(NPM_PROGRAM npm)
      if(NOT NPM_PROGRAM)
        message(FATAL_ERROR "npm is needed to build the web interface (Debian: apt-get install npm); "
          "-DGRENIER_WEB=OFF builds a server without it")
      endif()
      set(web ${CMAKE_SOURCE_DIR}/src/web)
      file(GLOB_RECURSE files CONFIGURE_DEPENDS ${web}/*)
      list(FILTER files EXCLUDE REGEX "/src/web/(node_modules|dist)/")
      set(stamp ${web}/node_modules/.package-lock.json)
      add_custom_command(OUTPUT ${stamp}
        COMMAND ${NPM_PROGRAM} ci --no-audit --no-fund --loglevel=error
        COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
        DEPENDS ${web}/package-lock.json ${web}/package.json
        WORKING_DIRECTORY ${web} COMMENT "Installing the packages of the web interface" VERBATIM)
      add_custom_command(OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} -E rm -rf ${folder}
        COMMAND ${CMAKE_COMMAND} -E env GRENIER_WEB_OUT=${folder} ${NPM_PROGRAM} run --silent build
        COMMAND ${CMAKE_COMMAND} -DFOLDER=${folder} -DPATTERN=* -DSYMBOL=embedded_web
          -DOUTPUT=${output} -P ${GRENIER_EMBED_SCRIPT}
        DEPENDS ${files} ${stamp} ${GRENIER_EMBED_SCRIPT}
        WORKING_DIRECTORY ${web} COMMENT "Building the web interface" VERBATIM)
    else()
      add_custom_command(OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} -DSYMBOL=embedded_web -DOUTPUT=${output} -P ${GRENIER_EMBED_SCRIPT}
        DEPENDS ${GRENIER_EMBED_SCRIPT} COMMENT "Embedding no web interface" VERBATIM)
    endif()
    grenier_embed_library(grenier_embedded_web ${output})
  endif()
  target_sources(${target} PRIVATE $<TARGET_OBJECTS:grenier_embedded_web>)
endfunction()
