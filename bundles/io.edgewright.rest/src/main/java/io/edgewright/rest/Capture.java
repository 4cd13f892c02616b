// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import io.edgewright.api.inference.OutputReader;
import io.edgewright.api.tensor.OutputTensors;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.rest.InferRequest.Wanted;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Copies the wanted outputs out of the engine's buffers, so that a slow client does not hold them. One use, one thread.
 */
final class Capture implements OutputReader<List<TensorData>>, AutoCloseable {

    private final BufferPool pool;
    private final List<Wanted> wanted;
    private BufferPool.@Nullable Lease lease;

    Capture(BufferPool pool, List<Wanted> wanted) {
        this.pool = pool;
        this.wanted = wanted;
    }

    @Override
    public List<TensorData> read(OutputTensors outputs) {
        List<Tensor> tensors = new ArrayList<>(wanted.size());
        long total = 0;
        for (Wanted output : wanted) {
            Tensor tensor = outputs.output(output.name());
            tensors.add(tensor);
            total += tensor.data().limit();
        }
        byte[] bytes = array(total);
        List<TensorData> captured = new ArrayList<>(wanted.size());
        int offset = 0;
        for (int i = 0; i < tensors.size(); i++) {
            Tensor tensor = tensors.get(i);
            int length = tensor.data().limit();
            tensor.data().get(0, bytes, offset, length);
            captured.add(new TensorData(wanted.get(i).name(), tensor.type(), tensor.shape(), bytes, offset, length));
            offset += length;
        }
        return captured;
    }

    @Override
    public void close() {
        BufferPool.Lease held = lease;
        if (held != null) {
            held.close();
            lease = null;
        }
    }

    private byte[] array(long length) {
        close(); // read again, after a run that was repeated elsewhere
        try {
            BufferPool.Lease taken = pool.lease(length);
            lease = taken;
            return taken.bytes();
        } catch (HttpProblem e) {
            return new byte[Math.toIntExact(length)]; // the answer exists: now it is better to give it than to refuse
        }
    }
}
