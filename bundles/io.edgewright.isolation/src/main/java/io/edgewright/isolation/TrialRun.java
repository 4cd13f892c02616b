// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Runs a model once on made-up inputs: 0 for floating point, 1 for integers (often a divisor, a length or a rate), empty
 * texts, 1 for open dimensions. A run that takes too long is cut off, if the engine can: a slow model is no danger.
 */
final class TrialRun {

    /** More than this is no trial any more. */
    private static final long LARGEST_BYTES = 1L << 28;

    private static final Duration REPEAT = Duration.ofMillis(20);

    private TrialRun() {}

    static void run(ModelSession session, Duration limit) throws InferenceException {
        long bytes = 0;
        for (TensorSpec input : session.inputs()) {
            bytes += Sizes.bytes(input, input.concreteShape(1));
        }
        if (bytes > LARGEST_BYTES) {
            return;
        }
        try (Slot slot = session.openSlot(Map.of())) {
            for (TensorSpec input : session.inputs()) {
                fill(slot, input);
            }
            var done = new CountDownLatch(1);
            var watch = new Thread(() -> cutOff(slot, done, limit), "edgewright-isolation-trial");
            watch.setDaemon(true);
            watch.start();
            try {
                slot.run(Deadline.NONE);
            } finally {
                done.countDown();
                joined(watch); // it must not touch a slot that is closed
            }
        }
    }

    private static void fill(Slot slot, TensorSpec input) {
        if (input.type() == ElementType.STRING) {
            List<Long> shape = input.concreteShape(1);
            int count = Math.toIntExact(Tensor.elements(shape));
            slot.write(input.name(), Tensor.ofStrings(shape, Collections.nCopies(count, "")));
            return;
        }
        ByteBuffer data = slot.input(input.name()).data().duplicate().order(ByteOrder.nativeOrder());
        data.rewind();
        while (data.hasRemaining()) {
            switch (input.type()) {
                case INT8, UINT8 -> data.put((byte) 1);
                case INT16, UINT16 -> data.putShort((short) 1);
                case INT32, UINT32 -> data.putInt(1);
                case INT64, UINT64 -> data.putLong(1);
                default -> data.put((byte) 0);
            }
        }
    }

    private static void cutOff(Slot slot, CountDownLatch done, Duration limit) {
        try {
            boolean over = done.await(limit.toNanos(), TimeUnit.NANOSECONDS);
            while (!over) {
                slot.cancel(); // again and again: the first one may come just before the run
                over = done.await(REPEAT.toNanos(), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody does; the run then goes on to its end
        }
    }

    private static void joined(Thread watch) {
        boolean interrupted = false;
        while (watch.isAlive()) {
            try {
                watch.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
