// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.TensorSpec;
import java.util.List;
import java.util.Map;

/**
 * A session, and what was found out about its model elsewhere.
 *
 * @param session does the work
 * @param facts see {@link Reports}
 */
record ReportedSession(ModelSession session, Map<String, String> facts) implements ModelSession {

    @Override
    public List<TensorSpec> inputs() {
        return session.inputs();
    }

    @Override
    public List<TensorSpec> outputs() {
        return session.outputs();
    }

    @Override
    public Slot openSlot(Map<String, List<Long>> shapes) throws InferenceException {
        return session.openSlot(shapes);
    }

    @Override
    public int parallelism() {
        return session.parallelism();
    }

    @Override
    public long memoryBytes() {
        return session.memoryBytes();
    }

    @Override
    public void close() {
        session.close();
    }
}
