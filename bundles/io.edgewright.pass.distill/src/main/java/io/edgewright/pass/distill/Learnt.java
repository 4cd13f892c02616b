// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import io.edgewright.api.config.DurableFiles;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The numbers that a training changes, with what Adam remembers of each, and their copy on disk. Not thread-safe. */
final class Learnt {

    private static final int MAGIC = 0x45574443;
    private static final float MOMENTUM = 0.9f;
    private static final float DECAY = 0.999f;

    private final Map<String, float[]> weights = new TreeMap<>();
    private final Map<String, float[]> first = new TreeMap<>();
    private final Map<String, float[]> second = new TreeMap<>();
    private final Map<String, float[]> statistics = new TreeMap<>();
    private int steps;

    /** Something that is learnt by gradients. */
    void addWeight(String name, float[] start) {
        weights.put(name, start.clone());
        first.put(name, new float[start.length]);
        second.put(name, new float[start.length]);
    }

    /** Something that follows what is seen. */
    void addStatistic(String name, float[] start) {
        statistics.put(name, start.clone());
    }

    /** {@return a weight or statistic; not a copy} */
    float[] value(String name) {
        float[] weight = weights.get(name);
        return weight != null ? weight : statistics.getOrDefault(name, new float[0]);
    }

    /** {@return how many steps were done} */
    int steps() {
        return steps;
    }

    /** Counts a step, before its {@link #move moves}. */
    void begin() {
        steps++;
    }

    /**
     * A step of Adam (Kingma and Ba, 2015) for one weight.
     *
     * @param gradient of the loss
     * @param rate how far to go
     */
    void move(String name, float[] gradient, double rate) {
        float[] weight = value(name);
        float[] m = first.getOrDefault(name, new float[0]);
        float[] v = second.getOrDefault(name, new float[0]);
        float scale = (float) (rate * Math.sqrt(1 - Math.pow(DECAY, steps)) / (1 - Math.pow(MOMENTUM, steps)));
        for (int i = 0; i < weight.length; i++) {
            m[i] = MOMENTUM * m[i] + (1 - MOMENTUM) * gradient[i];
            v[i] = DECAY * v[i] + (1 - DECAY) * gradient[i] * gradient[i];
            weight[i] -= scale * m[i] / ((float) Math.sqrt(v[i]) + 1e-8f);
        }
    }

    /** Lets a statistic follow a batch by a share of the way. */
    void follow(String name, float[] batch, float share) {
        float[] value = value(name);
        for (int i = 0; i < value.length; i++) {
            value[i] += share * (batch[i] - value[i]);
        }
    }

    /**
     * Writes all of it, whole or not at all.
     *
     * @param course what is being trained, and how
     */
    void save(Path file, String course) throws IOException {
        Path temporary = DurableFiles.temporaryFor(file);
        try {
            try (var out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(temporary)))) {
                out.writeInt(MAGIC);
                out.writeUTF(course);
                out.writeInt(steps);
                for (float[] numbers : all()) {
                    out.writeInt(numbers.length);
                    for (float number : numbers) {
                        out.writeFloat(number);
                    }
                }
            }
            DurableFiles.publish(temporary, file);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /**
     * Goes on where {@link #save} was called, if the file is there and is of the same course.
     *
     * @return true if it was
     */
    boolean restore(Path file, String course) throws IOException {
        if (!Files.exists(file)) {
            return false;
        }
        try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            if (in.readInt() != MAGIC || !in.readUTF().equals(course)) {
                return false;
            }
            int done = in.readInt();
            List<float[]> kept = new ArrayList<>();
            for (float[] numbers : all()) {
                if (in.readInt() != numbers.length) {
                    throw new IOException("it is damaged");
                }
                float[] copy = new float[numbers.length];
                for (int i = 0; i < copy.length; i++) {
                    copy[i] = in.readFloat();
                }
                kept.add(copy);
            }
            List<float[]> now = all();
            for (int i = 0; i < kept.size(); i++) {
                System.arraycopy(kept.get(i), 0, now.get(i), 0, kept.get(i).length);
            }
            steps = done;
            return true;
        } catch (EOFException e) {
            throw new IOException("it is cut short", e);
        }
    }

    private List<float[]> all() {
        List<float[]> all = new ArrayList<>();
        List.of(weights, first, second, statistics).forEach(map -> all.addAll(map.values()));
        return all;
    }
}
