#include "formats/bank.h"

/* ISO 4217 active codes whose minor unit is not 2, then all others; a few that ended recently stand
 * in old files. */
static const char DIGITS_0[] =
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ";
static const char DIGITS_3[] = "BHD IQD JOD KWD LYD OMR TND ";
static const char DIGITS_4[] = "CLF UYW ";
static const char DIGITS_2[] = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND "
                               "BOB BOV BRL BSD BTN BWP BYN BZD "
                               "CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD "
                               "EGP ERN ETB EUR FJD FKP GBP GEL "
                               "GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES "
                               "KGS KHR KPW KYD KZT LAK LBP LKR "
                               "LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR "
                               "MZN NAD NGN NIO NOK NPR NZD PAB "
                               "PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP "
                               "SLE SLL SOS SRD SSP STN SVC SYP "
                               "SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES "
                               "WST XCD XCG YER ZAR ZMW ZWG ZWL ";

static bool listed(const char *list, const char *code)
{
    for (; *list != '\0'; list += 4)
        if (memcmp(list, code, 3) == 0)
            return true;
    return false;
}

int bank_currency_digits(struct str code)
{
    if (code.n != 3)
        return -1;
    if (listed(DIGITS_2, code.p))
        return 2;
    if (listed(DIGITS_0, code.p))
        return 0;
    if (listed(DIGITS_3, code.p))
        return 3;
    return listed(DIGITS_4, code.p) ? 4 : -1;
}
