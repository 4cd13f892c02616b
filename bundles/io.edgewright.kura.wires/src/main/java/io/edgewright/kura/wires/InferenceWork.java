// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.wires;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.api.inference.Signature;
import io.edgewright.api.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.eclipse.kura.type.TypedValue;
import org.eclipse.kura.type.TypedValues;
import org.eclipse.kura.wire.WireEnvelope;
import org.eclipse.kura.wire.WireRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** What an inference component does with an envelope, on its lane: records to requests, answers to records. */
final class InferenceWork implements Lane.Work<WireEnvelope> {

    /** Sends records out of a port. */
    @FunctionalInterface
    interface Ports {
        void emit(int port, List<WireRecord> records);
    }

    static final int RESULTS = 0;
    static final int ERRORS = 1;

    private static final Duration GRACE = Duration.ofSeconds(5); // the runtime ends a request at its deadline itself

    private record Model(InferenceSettings settings, Signature signature, RequestMaker maker, AnswerReader reader) {

        static Model of(InferenceSettings settings, Signature signature) throws InferenceException {
            try {
                return new Model(
                        settings,
                        signature,
                        new RequestMaker(settings, signature),
                        new AnswerReader(settings, signature));
            } catch (IllegalArgumentException e) {
                throw new InferenceException(Reason.INPUT_MISMATCH, String.valueOf(e.getMessage()), e);
            }
        }
    }

    private record Asked(WireRecord record, Request request, CompletableFuture<Map<String, Tensor>> answer) {}

    private final Function<String, Optional<Predictor>> predictors;
    private final Ports ports;
    private final Complaints complaints;
    private volatile InferenceSettings settings;
    private @Nullable Model model;
    private List<WireRecord> results = List.of();
    private List<WireRecord> errors = List.of();

    InferenceWork(
            String name, InferenceSettings settings, Function<String, Optional<Predictor>> predictors, Ports ports) {
        this.settings = settings;
        this.predictors = predictors;
        this.ports = ports;
        this.complaints = new Complaints(LoggerFactory.getLogger(InferenceWire.class), name);
    }

    /** Takes other settings from the next envelope on. Any thread. */
    void change(InferenceSettings changed) {
        settings = changed;
    }

    @Override
    public void accept(WireEnvelope envelope, long dropped) throws InterruptedException {
        InferenceSettings current = settings;
        results = new ArrayList<>();
        errors = new ArrayList<>();
        if (dropped > 0) {
            refuse(
                    current,
                    Map.of(),
                    Reason.QUEUE_FULL,
                    "%d envelopes were dropped, as %d waited already".formatted(dropped, current.queueLength()));
        }
        List<WireRecord> records = envelope.getRecords();
        for (int from = 0; from < records.size(); from += current.batchMax()) {
            answer(current, records.subList(from, Math.min(records.size(), from + current.batchMax())));
        }
        if (errors.isEmpty()) {
            complaints.well();
        }
        ports.emit(RESULTS, results);
        if (current.errorsLeave()) {
            ports.emit(ERRORS, errors);
        }
    }

    private void answer(InferenceSettings current, List<WireRecord> records) throws InterruptedException {
        List<Asked> asked = new ArrayList<>();
        try {
            Predictor predictor = predictors
                    .apply(current.deployment())
                    .orElseThrow(() -> new InferenceException(
                            Reason.NOT_READY, "deployment '" + current.deployment() + "' is not there", null));
            Model used = model(current, predictor.signature());
            for (WireRecord record : records) {
                ask(used, predictor, record).ifPresent(asked::add);
            }
            for (Asked one : asked) {
                read(used, one);
            }
        } catch (InferenceException e) {
            records.forEach(record -> refuse(current, record.getProperties(), e.reason(), e.getMessage()));
        } finally {
            asked.forEach(one -> one.answer.cancel(false));
        }
    }

    private Optional<Asked> ask(Model used, Predictor predictor, WireRecord record) {
        try {
            Request request = used.maker.make(record.getProperties());
            return Optional.of(new Asked(record, request, predictor.submit(request.inputs(), used.settings.options())));
        } catch (InferenceException e) {
            refuse(used.settings, record.getProperties(), e.reason(), e.getMessage());
            return Optional.empty();
        }
    }

    private void read(Model used, Asked one) throws InterruptedException {
        Map<String, TypedValue<?>> properties = one.record.getProperties();
        try {
            Map<String, Tensor> outputs = await(one.answer, used.settings.options());
            for (Map<String, TypedValue<?>> answer : used.reader.read(outputs, one.request.map())) {
                Map<String, TypedValue<?>> result = kept(used.settings, properties);
                result.putAll(answer);
                results.add(new WireRecord(result));
            }
        } catch (InferenceException e) {
            refuse(used.settings, properties, e.reason(), e.getMessage());
        } catch (IllegalArgumentException e) { // the outputs are not those that the settings name
            refuse(used.settings, properties, Reason.EXECUTION_FAILED, e.getMessage());
        }
    }

    private static Map<String, Tensor> await(CompletableFuture<Map<String, Tensor>> answer, RequestOptions options)
            throws InferenceException, InterruptedException {
        try {
            return answer.get(options.timeout().plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof InferenceException cause) {
                throw cause;
            }
            throw new InferenceException(Reason.EXECUTION_FAILED, "the request failed: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new InferenceException(Reason.DEADLINE_EXCEEDED, "no answer within " + options.timeout(), e);
        }
    }

    /** {@return what is known of the model that serves; found out again after a swap or other settings} */
    private Model model(InferenceSettings current, Signature signature) throws InferenceException {
        Model known = model;
        if (known == null
                || known.settings != current
                || !(known.signature == signature || known.signature.equals(signature))) {
            known = Model.of(current, signature);
            model = known;
        }
        return known;
    }

    private void refuse(
            InferenceSettings current, Map<String, TypedValue<?>> properties, Reason reason, @Nullable String message) {
        complaints.trouble(reason.name(), String.valueOf(message));
        Map<String, TypedValue<?>> error = kept(current, properties);
        error.put("error", TypedValues.newTypedValue(reason.name()));
        error.put("error.message", TypedValues.newTypedValue(String.valueOf(message)));
        errors.add(new WireRecord(error));
    }

    private static Map<String, TypedValue<?>> kept(InferenceSettings current, Map<String, TypedValue<?>> properties) {
        Map<String, TypedValue<?>> kept = new HashMap<>();
        properties.forEach((name, value) -> {
            boolean all = current.keep().contains("*") && !(value.getValue() instanceof byte[]);
            if (all || current.keep().contains(name)) {
                kept.put(name, value);
            }
        });
        return kept;
    }
}
