// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.optimize.Evaluator;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.api.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/** A context of a pass that needs neither device nor data. */
record TestContext(Path workFolder, Map<String, String> parameters) implements PassContext {

    @Override
    public Accelerator device() {
        throw new IllegalStateException("the pass needs no device");
    }

    @Override
    public ModelFile original() {
        throw new IllegalStateException("the pass needs no original");
    }

    @Override
    public int calibrationSize() {
        return 0;
    }

    @Override
    public Stream<Map<String, Tensor>> calibration() {
        return Stream.empty();
    }

    @Override
    public Evaluator evaluator() {
        throw new IllegalStateException("the pass runs nothing on the device");
    }

    @Override
    public void progress(double fraction, String message) {
        if (!(fraction >= 0 && fraction <= 1)) {
            throw new IllegalArgumentException("fraction is " + fraction + ", expected 0..1");
        }
    }

    @Override
    public boolean cancelled() {
        return false;
    }
}
