// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import io.edgewright.api.model.ModelInspector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Component;

/** Inspects TorchScript files for stores; needs no native library. */
@Component(
        name = TorchScriptInspector.NAME,
        service = ModelInspector.class,
        property = "kura.ui.service.hide:Boolean=true")
public final class TorchScriptInspector implements ModelInspector {

    static final String NAME = "io.edgewright.accelerator.torch.inspector";

    /** The format of the models. */
    static final String FORMAT = "torchscript";

    @Override
    public String format() {
        return FORMAT;
    }

    @Override
    public List<String> extensions() {
        return List.of("pt", "jit", "ptl");
    }

    @Override
    public Inspection inspect(Path file) throws ModelException {
        try {
            ScriptOutline outline = ScriptOutline.read(file);
            Map<String, String> properties = new TreeMap<>();
            properties.put("torchscript.forward", shown(outline.forward()));
            if (outline.isOpen()) {
                properties.put(TENSORS_OPEN, "true");
            }
            return new Inspection(outline.inputs(), outline.outputs(), List.of(), properties);
        } catch (ScriptException e) {
            throw new ModelException(
                    Reason.INVALID_MODEL, "'" + file.getFileName() + "' cannot be taken: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new ModelException(Reason.STORAGE, "'" + file + "' could not be read: " + e, e);
        }
    }

    private static String shown(Forward forward) {
        String text = forward.arguments().stream()
                        .map(a -> a.name() + ": " + a.type() + (a.hasDefault() ? " = ..." : ""))
                        .collect(Collectors.joining(", ", "forward(", ") -> "))
                + forward.result();
        return text.replaceAll("\\s+", " ");
    }
}
