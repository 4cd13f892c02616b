// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

/**
 * A Kalman filter of constant velocity over centre, aspect and height of a box, with the noise model of DeepSORT (Wojke et
 * al., 2017): uncertainty in proportion to the height. Only positions are measured and all noise is independent, so the
 * eight-dimensional filter falls apart into four of two dimensions. Time counts in thirtieths of a second.
 */
final class Motion {

    private static final double TICKS = 30;
    private static final double POSITION = 1.0 / 20;
    private static final double VELOCITY = 1.0 / 160;
    private static final double ASPECT = 1e-2;

    /** Value and velocity of one coordinate and their covariance. */
    private static final class Axis {
        private double value;
        private double velocity;
        private double p00;
        private double p01;
        private double p11;

        Axis(double value, double valueDeviation, double velocityDeviation) {
            this.value = value;
            this.p00 = valueDeviation * valueDeviation;
            this.p11 = velocityDeviation * velocityDeviation;
        }

        void predict(double time, double valueDeviation, double velocityDeviation) {
            value += velocity * time;
            p00 += time * (2 * p01 + time * p11) + valueDeviation * valueDeviation * time;
            p01 += time * p11;
            p11 += velocityDeviation * velocityDeviation * time;
        }

        void correct(double measured, double deviation) {
            double gain = p00 / (p00 + deviation * deviation);
            double velocityGain = p01 / (p00 + deviation * deviation);
            double error = measured - value;
            value += gain * error;
            velocity += velocityGain * error;
            p11 -= velocityGain * p01;
            p01 *= 1 - gain;
            p00 *= 1 - gain;
        }
    }

    private final Axis x;
    private final Axis y;
    private final Axis aspect;
    private final Axis height;

    Motion(Box box) {
        double h = Math.max(1e-4, box.height());
        x = new Axis(box.center().x(), 2 * POSITION * h, 10 * VELOCITY * h);
        y = new Axis(box.center().y(), 2 * POSITION * h, 10 * VELOCITY * h);
        aspect = new Axis(box.width() / h, ASPECT, 1e-5);
        height = new Axis(h, 2 * POSITION * h, 10 * VELOCITY * h);
    }

    /**
     * Moves on.
     *
     * @param seconds since the last call
     * @param seen false slows it down: what is out of sight cannot be trusted to go on
     */
    void predict(double seconds, boolean seen) {
        double time = seconds * TICKS;
        double h = Math.max(1e-4, height.value);
        if (!seen) {
            double slower = Math.pow(0.5, seconds / 0.5);
            x.velocity *= slower;
            y.velocity *= slower;
            height.velocity = 0;
        }
        x.predict(time, POSITION * h, VELOCITY * h);
        y.predict(time, POSITION * h, VELOCITY * h);
        aspect.predict(time, ASPECT, 1e-5);
        height.predict(time, POSITION * h, VELOCITY * h);
    }

    void correct(Box box) {
        double h = Math.max(1e-4, box.height());
        double deviation = POSITION * Math.max(1e-4, height.value);
        x.correct(box.center().x(), deviation);
        y.correct(box.center().y(), deviation);
        aspect.correct(box.width() / h, 10 * ASPECT);
        height.correct(h, deviation);
    }

    Box box() {
        double h = Math.max(1e-4, height.value) / 2;
        double w = Math.max(1e-4, aspect.value * h * 2) / 2;
        return new Box((float) (x.value - w), (float) (y.value - h), (float) (x.value + w), (float) (y.value + h));
    }
}
