/* Finds the volume of a gas at a temperature and a pressure, by the equation of van der Waals.
   All three are in units of the critical point.

   Much old code is like this. Its variables are global, so two threads cannot run it at once.
   Newton's method may go round in circles, and nothing ends it. Nothing looks at where in the
   table it writes. And where it meets what cannot be, it ends the program. */

#include <math.h>
#include <stdlib.h>

static double t, p;

/* How often each volume was tried, in tenths. */
int tried[1000000];

/* Is zero at the volume. */
static double excess(double v) { return ((3 * p * v - p - 8 * t) * v + 9) * v - 3; }

static double slope(double v) { return (9 * p * v - 2 * p - 16 * t) * v + 9; }

double gas_volume(double temperature, double pressure) {
    double v, step;

    t = temperature;
    p = pressure;
    v = 8 * t / (3 * p); /* as if its molecules did not attract each other */
    do {
        step = excess(v) / slope(v);
        v -= step;
        tried[(unsigned)(int)(10 * v)]++; /* far behind the table, if `v` is negative */
        if (v <= 1.0 / 3)
            abort(); /* the molecules alone need more */
    } while (fabs(step) > 1e-12 * v);
    return v;
}
