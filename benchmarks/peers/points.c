/* The text's network written out by hand in C: one point after the other, forward, backward, update.
 *
 * Edges in the order of neurograph's program: 1->3 2->3 | 1->4 2->4 | 3->6 4->6 5->6 | 4->7 5->7 | 6->9 7->9 8->9,
 * with 2, 5 and 8 the bias neurons. The logistic function and its slope are the accurate forms that
 * neurograph uses. Returns the summed squared loss.
 */
#include <math.h>

static inline double logistic(double z, double *slope)
{
    double e = exp(-fabs(z));
    double y = 1.0 / (1.0 + e);
    *slope = e * (y * y);
    return z >= 0.0 ? y : e * y;
}

double train(long points, const double *x, const double *t, double *weights, double rate)
{
    double w[12], total = 0.0;
    for (int e = 0; e < 12; e++)
        w[e] = weights[e];
    for (long i = 0; i < points; i++) {
        double s3, s4, s6, s7, s9;
        double y1 = x[i];
        double y3 = logistic(w[0] * y1 + w[1], &s3);
        double y4 = logistic(w[2] * y1 + w[3], &s4);
        double y6 = logistic(w[4] * y3 + w[5] * y4 + w[6], &s6);
        double y7 = logistic(w[7] * y4 + w[8], &s7);
        double y9 = logistic(w[9] * y6 + w[10] * y7 + w[11], &s9);
        double miss = y9 - t[i];
        total += miss * miss;
        double d9 = 2.0 * miss * s9;
        double d6 = w[9] * d9 * s6, d7 = w[10] * d9 * s7;
        double d3 = w[4] * d6 * s3, d4 = (w[5] * d6 + w[7] * d7) * s4;
        w[0] -= rate * (y1 * d3);
        w[1] -= rate * d3;
        w[2] -= rate * (y1 * d4);
        w[3] -= rate * d4;
        w[4] -= rate * (y3 * d6);
        w[5] -= rate * (y4 * d6);
        w[6] -= rate * d6;
        w[7] -= rate * (y4 * d7);
        w[8] -= rate * d7;
        w[9] -= rate * (y6 * d9);
        w[10] -= rate * (y7 * d9);
        w[11] -= rate * d9;
    }
    for (int e = 0; e < 12; e++)
        weights[e] = w[e];
    return total;
}
