/* The board's figure by hand. */
#include "domain/position.h"
#include "lib/check.h"

int main(void)
{
    struct money available = {-1};
    /* 48 312.40 in the bank, 250.00 for others, 9 500.00 promised, 11 850.00 reserved, 8 000.00 to
     * keep */
    const struct position fund = {{4831240}, {25000}, {950000}, {1185000}, {800000}};
    CHECK(position_available(&fund, &available));
    CHECK_INT(available.minor, 1871240);
    const struct position empty = {{0}, {0}, {0}, {0}, {0}};
    CHECK(position_available(&empty, &available) && available.minor == 0);
    const struct position lacking = {{10000}, {0}, {0}, {0}, {25000}};
    CHECK(position_available(&lacking, &available) && available.minor == -15000);
    const struct position absurd = {{INT64_MIN}, {1}, {0}, {0}, {0}};
    available.minor = 7;
    CHECK(!position_available(&absurd, &available) && available.minor == 7);
    return check_done();
}
