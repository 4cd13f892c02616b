// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura.emulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.kura.KuraErrorCode;
import org.eclipse.kura.KuraException;
import org.eclipse.kura.ai.inference.InferenceEngineService;
import org.eclipse.kura.ai.inference.ModelInfo;
import org.eclipse.kura.ai.inference.Tensor;
import org.eclipse.kura.ai.inference.TensorDescriptor;
import org.eclipse.kura.type.TypedValue;
import org.eclipse.kura.type.TypedValues;
import org.eclipse.kura.wire.WireRecord;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.util.tracker.ServiceTracker;

/**
 * Calls an inference engine as Kura's AI wire component does, with its habits: it loads only what is loaded already, asks for
 * a model's description once and keeps it, keeps the engine that has gone and goes on calling it, passes byte arrays as lists
 * of bytes, takes from an output that is not bytes only a lone element, and makes a record of each output.
 */
public final class AiEmulation implements AutoCloseable {

    private final List<String> models; // pre-processor, model, post-processor, as far as they are set
    private final Map<String, ModelInfo> descriptions = new HashMap<>();
    private final ServiceTracker<InferenceEngineService, InferenceEngineService> tracker;
    private volatile InferenceEngineService engine;

    /**
     * @param target the filter for the engine, as its setting InferenceEngineService.target
     * @param models one after the other; the outputs of one are the inputs of the next
     */
    public AiEmulation(BundleContext context, String target, String... models) throws Exception {
        this.models = List.of(models);
        String filter = "(&(objectClass=" + InferenceEngineService.class.getName() + ")" + target + ")";
        this.tracker = new ServiceTracker<>(context, context.createFilter(filter), null) {

            @Override
            public InferenceEngineService addingService(ServiceReference<InferenceEngineService> reference) {
                engine = super.addingService(reference);
                return engine;
            }

            @Override
            public void removedService(
                    ServiceReference<InferenceEngineService> reference, InferenceEngineService service) {
                super.removedService(reference, service); // and the engine is kept
            }
        };
        tracker.open();
    }

    /** As at its activation and at each change of its settings. {@return false if the engine is not ready} */
    public synchronized boolean update() throws KuraException {
        descriptions.clear();
        return describe();
    }

    /** {@return the records that leave; empty and none if the engine is not ready} */
    public synchronized Optional<List<WireRecord>> receive(WireRecord record) throws KuraException {
        if (!describe()) {
            return Optional.empty();
        }
        List<Tensor> tensors = inputs(descriptions.get(models.get(0)), record);
        for (String model : models) {
            tensors = engine.infer(descriptions.get(model), tensors);
        }
        List<WireRecord> records = new ArrayList<>();
        for (Tensor tensor : tensors) {
            records.add(new WireRecord(Map.of(tensor.getDescriptor().getName(), value(tensor))));
        }
        return Optional.of(records);
    }

    @Override
    public void close() {
        tracker.close();
    }

    private boolean describe() throws KuraException {
        if (engine == null || !engine.isEngineReady()) {
            return false;
        }
        for (String model : models) {
            if (!descriptions.containsKey(model)) {
                if (engine.isModelLoaded(model)) {
                    engine.loadModel(model, Optional.empty());
                }
                ModelInfo description = engine.getModelInfo(model)
                        .orElseThrow(() -> new KuraException(KuraErrorCode.INVALID_PARAMETER));
                descriptions.put(model, description);
            }
        }
        return true;
    }

    private static List<Tensor> inputs(ModelInfo model, WireRecord record) throws KuraException {
        List<Tensor> tensors = new ArrayList<>();
        for (TensorDescriptor input : model.getInputs()) {
            TypedValue<?> value = record.getProperties().get(input.getName());
            if (value == null) {
                throw new KuraException(KuraErrorCode.NOT_FOUND);
            }
            tensors.add(tensor(input, value.getValue()));
        }
        return tensors;
    }

    @SuppressWarnings("unchecked") // the class of a value is what it says
    private static Tensor tensor(TensorDescriptor input, Object value) {
        if (value instanceof byte[] bytes) {
            List<Byte> boxed = new ArrayList<>();
            for (byte one : bytes) {
                boxed.add(one);
            }
            return new Tensor(Byte.class, input, boxed);
        }
        List<Object> one = new ArrayList<>(List.of(value));
        return new Tensor((Class<Object>) value.getClass(), input, one);
    }

    private static TypedValue<?> value(Tensor tensor) throws KuraException {
        List<?> data = tensor.getData(tensor.getType()).orElseThrow();
        if (tensor.getType() == Byte.class) {
            byte[] bytes = new byte[data.size()];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (Byte) data.get(i);
            }
            return TypedValues.newTypedValue(bytes);
        }
        if (data.size() != 1) {
            throw new KuraException(
                    KuraErrorCode.IO_ERROR, tensor.getDescriptor().getName() + " has no lone element");
        }
        return TypedValues.newTypedValue(data.get(0));
    }
}
