#include "domain/position.h"

bool position_available(const struct position *position, struct money *ret_available)
{
    const struct money subtracted[] = {position->held_for_others, position->promised,
                                       position->reserved, position->floor};
    struct money available = position->held;
    for (size_t i = 0; i < ARRAY_SIZE(subtracted); i++)
        if (!money_subtract(available, subtracted[i], &available))
            return false;
    *ret_available = available;
    return true;
}
