// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.inference;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Elements;
import io.edgewright.api.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a list of boxed values into a model's input. Bytes are the memory of the elements, little-endian; other numbers are
 * values, which must be in the range of the input's type. A number of as many bits as an unsigned input is taken for its
 * bits, as Kura has no unsigned numbers.
 */
final class ElementWriter {

    private final String name;
    private final List<?> values;
    private final boolean raw;

    /**
     * @param name of the input
     * @param values in Kura's form; walked through by their iterator
     * @param boxed what they claim to be
     */
    ElementWriter(String name, List<?> values, Class<?> boxed) {
        this.name = name;
        this.values = values;
        this.raw = boxed == Byte.class;
    }

    /** {@return how many elements of that type the values are} */
    long elements(ElementType type) throws InferenceException {
        if (!raw || type.bytes() == 1) {
            return values.size();
        }
        if (type == ElementType.STRING) {
            return 1;
        }
        if (values.size() % type.bytes() != 0) {
            throw mismatch("found %d bytes, expected a multiple of the %d bytes of a %s"
                    .formatted(values.size(), type.bytes(), type));
        }
        return values.size() / type.bytes();
    }

    /** Writes the values into an input of any type but STRING. */
    void write(Tensor target) throws InferenceException {
        ByteBuffer memory = target.data();
        if (values instanceof ElementView<?> view && (raw || view.type() == target.type())) {
            checkCount(memory.limit(), view.memory().limit(), "bytes");
            memory.put(0, view.memory(), 0, memory.limit());
        } else if (raw) {
            checkCount(memory.limit(), values.size(), "bytes");
            writeBytes(memory);
        } else {
            checkCount(target.elements(), values.size(), "values");
            if (target.type() == ElementType.FLOAT32) {
                writeFloats(target.floatBuffer());
            } else {
                writeValues(target);
            }
        }
        if (raw && target.type() == ElementType.BOOL) {
            for (int at = 0; at < memory.limit(); at++) {
                memory.put(at, (byte) (memory.get(at) == 0 ? 0 : 1));
            }
        }
    }

    /** {@return the values as a STRING tensor of that shape} */
    Tensor strings(List<Long> shape) throws InferenceException {
        if (raw) {
            ByteBuffer one = ByteBuffer.allocate(4 + values.size()).order(ByteOrder.nativeOrder());
            one.putInt(0, values.size());
            writeBytes(one.slice(4, values.size()));
            return new Tensor(ElementType.STRING, shape, one);
        }
        List<String> texts = new ArrayList<>(values.size());
        for (Object value : values) {
            if (!(value instanceof String text)) {
                throw unexpected(value, "texts or bytes");
            }
            texts.add(text);
        }
        return Tensor.ofStrings(shape, texts);
    }

    private void writeBytes(ByteBuffer memory) throws InferenceException {
        int at = 0;
        for (Object value : values) {
            if (!(value instanceof Byte one)) {
                throw unexpected(value, "bytes");
            }
            memory.put(at++, one);
        }
    }

    /** What {@link #writeValues} does, for what pictures and signals are made of. */
    private void writeFloats(FloatBuffer floats) throws InferenceException {
        int index = 0;
        for (Object value : values) {
            if (value instanceof Float real) {
                floats.put(index++, real);
            } else if (value instanceof Number number) {
                floats.put(index++, number.floatValue());
            } else {
                throw unexpected(value, "numbers");
            }
        }
    }

    private void writeValues(Tensor target) throws InferenceException {
        Iterator<?> from = values.iterator();
        for (int index = 0; index < values.size(); index++) {
            Object value = from.next();
            if (target.type() == ElementType.BOOL && value instanceof Boolean truth) {
                target.data().put(index, (byte) (truth ? 1 : 0));
            } else if (target.type() != ElementType.BOOL && value instanceof Number number) {
                writeNumber(target, index, number);
            } else {
                throw unexpected(value, target.type() == ElementType.BOOL ? "true or false, or bytes" : "numbers");
            }
        }
    }

    private void writeNumber(Tensor target, int index, Number value) throws InferenceException {
        ElementType type = target.type();
        if (value instanceof Short bits && (type == ElementType.UINT16 || type == ElementType.FLOAT16)) {
            target.data().putShort(index * 2, bits);
        } else if (value instanceof Integer bits && type == ElementType.UINT32) {
            target.data().putInt(index * 4, bits);
        } else if (value instanceof Long bits && type == ElementType.UINT64) {
            target.data().putLong(index * 8, bits);
        } else {
            try {
                Elements.put(target, index, value);
            } catch (IllegalArgumentException e) {
                throw mismatch(e.getMessage());
            }
        }
    }

    private void checkCount(long expected, long found, String what) throws InferenceException {
        if (expected != found) {
            throw mismatch("found %d %s, expected %d".formatted(found, what, expected));
        }
    }

    private InferenceException unexpected(Object value, String expected) {
        return mismatch("found %s, expected %s"
                .formatted(value == null ? "null" : value.getClass().getSimpleName() + " " + value, expected));
    }

    private InferenceException mismatch(@Nullable String found) {
        return new InferenceException(Reason.INPUT_MISMATCH, "input '" + name + "': " + found, null);
    }
}
