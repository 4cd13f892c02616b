// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.HalfFloats;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/** Makes the bytes of a tensor of the elements of a JSON data array, checking that each fits its type. */
final class TypedData implements DataSink {

    private static final BigInteger UINT64_END = BigInteger.ONE.shiftLeft(64);

    private final String input;
    private final ElementType type;
    private final ByteSink bytes = new ByteSink();
    private long count;

    TypedData(String input, ElementType type) {
        this.input = input;
        this.type = type;
    }

    ElementType type() {
        return type;
    }

    /** {@return how many elements came} */
    long count() {
        return count;
    }

    ByteSink bytes() {
        return bytes;
    }

    @Override
    public void number(String text) throws HttpProblem {
        switch (type) {
            case FLOAT32 -> bytes.putInt(Float.floatToRawIntBits(toFloat(text)));
            case FLOAT64 -> bytes.putLong(Double.doubleToRawLongBits(toDouble(text)));
            case FLOAT16 -> bytes.putShort(toHalf(text));
            case INT8 -> bytes.put((byte) toLong(text, Byte.MIN_VALUE, Byte.MAX_VALUE));
            case INT16 -> bytes.putShort((short) toLong(text, Short.MIN_VALUE, Short.MAX_VALUE));
            case INT32 -> bytes.putInt((int) toLong(text, Integer.MIN_VALUE, Integer.MAX_VALUE));
            case INT64 -> bytes.putLong(toLong(text, Long.MIN_VALUE, Long.MAX_VALUE));
            case UINT8 -> bytes.put((byte) toLong(text, 0, 0xff));
            case UINT16 -> bytes.putShort((short) toLong(text, 0, 0xffff));
            case UINT32 -> bytes.putInt((int) toLong(text, 0, 0xffff_ffffL));
            case UINT64 -> bytes.putLong(toUnsigned(text));
            case BOOL -> bytes.put((byte) toLong(text, 0, 1));
            case STRING -> throw wrong(text);
        }
        count++;
    }

    @Override
    public void string(String text) throws HttpProblem {
        if (type == ElementType.STRING) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            bytes.putInt(utf8.length);
            bytes.put(utf8);
            count++;
            return;
        }
        boolean special = text.equals("NaN") || text.equals("Infinity") || text.equals("-Infinity");
        if (!type.isFloatingPoint() || !special) {
            throw wrong('"' + text + '"');
        }
        float value = Float.parseFloat(text);
        switch (type) {
            case FLOAT16 -> bytes.putShort(HalfFloats.toHalf(value));
            case FLOAT32 -> bytes.putInt(Float.floatToRawIntBits(value));
            default -> bytes.putLong(Double.doubleToRawLongBits(value));
        }
        count++;
    }

    @Override
    public void bool(boolean value) throws HttpProblem {
        if (type != ElementType.BOOL) {
            throw wrong(Boolean.toString(value));
        }
        bytes.put((byte) (value ? 1 : 0));
        count++;
    }

    @Override
    public int grown() {
        return bytes.grown();
    }

    private float toFloat(String text) throws HttpProblem {
        float value = Float.parseFloat(text);
        if (Float.isInfinite(value)) {
            throw wrong(text);
        }
        return value;
    }

    private double toDouble(String text) throws HttpProblem {
        double value = Double.parseDouble(text);
        if (Double.isInfinite(value)) {
            throw wrong(text);
        }
        return value;
    }

    private short toHalf(String text) throws HttpProblem {
        short value = HalfFloats.toHalf(toFloat(text));
        if ((value & 0x7fff) == 0x7c00) {
            throw wrong(text);
        }
        return value;
    }

    private long toLong(String text, long least, long most) throws HttpProblem {
        long value = plainLong(text) ? Long.parseLong(text) : whole(text).longValue();
        boolean exact = plainLong(text) || whole(text).bitLength() < 64;
        if (!exact || value < least || value > most) {
            throw wrong(text);
        }
        return value;
    }

    private long toUnsigned(String text) throws HttpProblem {
        BigInteger value = plainLong(text) ? BigInteger.valueOf(Long.parseLong(text)) : whole(text);
        if (value.signum() < 0 || value.compareTo(UINT64_END) >= 0) {
            throw wrong(text);
        }
        return value.longValue();
    }

    private static boolean plainLong(String text) {
        if (text.length() > 18) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && !(i == 0 && c == '-' && text.length() > 1)) {
                return false;
            }
        }
        return true;
    }

    /** {@return the value of a number such as 1.0 or 2e3; never expands 1e999999999} */
    private BigInteger whole(String text) throws HttpProblem {
        try {
            var value = new BigDecimal(text);
            if (value.signum() != 0 && value.precision() - (long) value.scale() > 20) {
                throw wrong(text);
            }
            return value.signum() == 0 ? BigInteger.ZERO : value.toBigIntegerExact();
        } catch (ArithmeticException | NumberFormatException e) {
            throw wrong(text);
        }
    }

    private HttpProblem wrong(String value) {
        String shown = value.length() <= 40 ? value : value.substring(0, 40) + "...";
        return HttpProblem.bad(
                "input '%s': element %d is %s, which is no %s".formatted(input, count, shown, type.protocolName()));
    }
}
