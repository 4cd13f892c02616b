// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.edgewright.accelerator.remote.Trouble.Kind;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.HalfFloats;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Elements of tensors as JSON, as the Open Inference Protocol has them. JSON has no NaN: it is written as the strings
 * {@code "NaN"}, {@code "Infinity"} and {@code "-Infinity"} (as protobuf's JSON mapping does) and read from these and
 * from null.
 */
final class JsonElements {

    private static final BigInteger UINT64_MAX = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    private JsonElements() {}

    /** Writes all elements, flat, with commas between them. */
    static void write(ElementType type, ByteBuffer from, ByteOut to) throws Trouble {
        for (boolean first = true; from.hasRemaining(); first = false) {
            if (!first) {
                to.put((byte) ',');
            }
            one(type, from, to);
        }
    }

    private static void one(ElementType type, ByteBuffer from, ByteOut to) throws Trouble {
        switch (type) {
            case FLOAT32 -> real(from.getFloat(), to);
            case FLOAT16 -> real(HalfFloats.toFloat(from.getShort()), to);
            case FLOAT64 -> {
                double value = from.getDouble();
                text(Double.toString(value), Double.isFinite(value), to);
            }
            case INT8 -> to.decimal(from.get());
            case UINT8 -> to.decimal(from.get() & 0xff);
            case INT16 -> to.decimal(from.getShort());
            case UINT16 -> to.decimal(from.getShort() & 0xffff);
            case INT32 -> to.decimal(from.getInt());
            case UINT32 -> to.decimal(from.getInt() & 0xffff_ffffL);
            case INT64 -> to.decimal(from.getLong());
            case UINT64 -> to.ascii(Long.toUnsignedString(from.getLong()));
            case BOOL -> to.ascii(from.get() == 0 ? "false" : "true");
            case STRING -> string(from, to);
        }
    }

    private static void real(float value, ByteOut to) throws Trouble {
        text(Float.toString(value), Float.isFinite(value), to);
    }

    private static void text(String number, boolean finite, ByteOut to) throws Trouble {
        if (finite) {
            to.ascii(number);
        } else {
            to.quoted(number);
        }
    }

    private static void string(ByteBuffer from, ByteOut to) throws Trouble {
        byte[] bytes = new byte[from.getInt()];
        from.get(bytes);
        try {
            to.quoted(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            throw new Trouble(
                    Kind.PROTOCOL,
                    "an element of a STRING tensor is no UTF-8, and this server takes JSON only, which holds text",
                    e);
        }
    }

    /** Reads the next element. */
    static void read(ElementType type, JsonReader in, ByteOut to) throws IOException {
        switch (type) {
            case FLOAT32 -> to.putInt(Float.floatToRawIntBits(Float.parseFloat(real(in))));
            case FLOAT16 -> to.putShort(HalfFloats.toHalf(Float.parseFloat(real(in))));
            case FLOAT64 -> to.putLong(Double.doubleToRawLongBits(Double.parseDouble(real(in))));
            case INT8 -> to.put((byte) whole(in, Byte.MIN_VALUE, Byte.MAX_VALUE));
            case UINT8 -> to.put((byte) whole(in, 0, 0xff));
            case INT16 -> to.putShort((short) whole(in, Short.MIN_VALUE, Short.MAX_VALUE));
            case UINT16 -> to.putShort((short) whole(in, 0, 0xffff));
            case INT32 -> to.putInt((int) whole(in, Integer.MIN_VALUE, Integer.MAX_VALUE));
            case UINT32 -> to.putInt((int) whole(in, 0, 0xffff_ffffL));
            case INT64 -> to.putLong(whole(in, Long.MIN_VALUE, Long.MAX_VALUE));
            case UINT64 -> to.putLong(unsigned(in));
            case BOOL -> to.put((byte) (bool(in) ? 1 : 0));
            case STRING -> {
                byte[] bytes = string(in).getBytes(StandardCharsets.UTF_8);
                to.putInt(bytes.length).put(bytes);
            }
        }
    }

    private static String real(JsonReader in) throws IOException {
        JsonToken token = in.peek();
        if (token == JsonToken.NULL) {
            in.nextNull();
            return "NaN";
        }
        String text = token == JsonToken.NUMBER || token == JsonToken.STRING ? in.nextString() : "a " + token;
        boolean number =
                token == JsonToken.NUMBER || text.equals("NaN") || text.equals("Infinity") || text.equals("-Infinity");
        if (!number) {
            throw unexpected(text, "a number");
        }
        return text;
    }

    private static long whole(JsonReader in, long least, long most) throws IOException {
        String text = number(in);
        try {
            long value = Long.parseLong(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw unexpected(text, "a whole number from " + least + " to " + most);
        }
        throw unexpected(text, "a whole number from " + least + " to " + most);
    }

    private static long unsigned(JsonReader in) throws IOException {
        String text = number(in);
        boolean fits = text.matches("[0-9]{1,20}") && new BigInteger(text).compareTo(UINT64_MAX) <= 0;
        if (!fits) {
            throw unexpected(text, "a whole number from 0 to " + UINT64_MAX);
        }
        return Long.parseUnsignedLong(text);
    }

    private static String number(JsonReader in) throws IOException {
        JsonToken token = in.peek();
        if (token != JsonToken.NUMBER) {
            throw unexpected("a " + token, "a whole number");
        }
        return in.nextString();
    }

    private static boolean bool(JsonReader in) throws IOException {
        if (in.peek() == JsonToken.BOOLEAN) {
            return in.nextBoolean();
        }
        return whole(in, 0, 1) == 1;
    }

    private static String string(JsonReader in) throws IOException {
        JsonToken token = in.peek();
        if (token != JsonToken.STRING) {
            throw unexpected("a " + token, "a string");
        }
        return in.nextString();
    }

    private static Trouble unexpected(String found, String expected) {
        String shown = found.length() > 60 ? found.substring(0, 60) + "..." : found;
        return new Trouble(Kind.PROTOCOL, "the data holds '" + shown + "', expected " + expected);
    }
}
