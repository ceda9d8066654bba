// The margins of a printed page: organisation and title at the left, page number at the right. A constructed
// stylesheet, since the Content-Security-Policy lets no inline style in.

let sheet: CSSStyleSheet | null = null;

function quoted(text: string): string {
  return '"' + text.replace(/[\\"]/g, "\\$&").replace(/[\n\r]/g, " ") + '"';
}

/** `numbered` is the text around the numbers, with {page} and {pages}. */
export function setPrintMargins(left: string, numbered: string): void {
  if (!("adoptedStyleSheets" in document)) return;
  if (!sheet) {
    sheet = new CSSStyleSheet();
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }
  const right = numbered.split(/(\{pages?\})/).filter(Boolean)
    .map((part) => (part === "{page}" ? "counter(page)" : part === "{pages}" ? "counter(pages)" : quoted(part))).join(" ");
  const font = "font: 7.5pt sans-serif; color: #333;";
  sheet.replaceSync(`@page { @bottom-left { content: ${quoted(left)}; ${font} } @bottom-right { content: ${right}; ${font} } }`);
}
