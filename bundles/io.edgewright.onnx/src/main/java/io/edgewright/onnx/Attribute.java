// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import io.edgewright.onnx.proto.AttributeProto;
import java.util.List;

/** The value of an attribute of a node. Immutable but for the graphs in it. */
public sealed interface Attribute {

    /** An integer. */
    record Int(long value) implements Attribute {}

    /** A number. */
    record Real(float value) implements Attribute {}

    /** A string. */
    record Text(String value) implements Attribute {}

    /** A tensor. */
    record TensorValue(Weights value) implements Attribute {}

    /** The body of an If, Loop or Scan. */
    record Body(Graph value) implements Attribute {}

    /** Integers. */
    record Ints(List<Long> values) implements Attribute {

        /** Copies. */
        public Ints {
            values = List.copyOf(values);
        }
    }

    /** Numbers. */
    record Floats(List<Float> values) implements Attribute {

        /** Copies. */
        public Floats {
            values = List.copyOf(values);
        }
    }

    /** Strings. */
    record Texts(List<String> values) implements Attribute {

        /** Copies. */
        public Texts {
            values = List.copyOf(values);
        }
    }

    /** Tensors. */
    record Tensors(List<Weights> values) implements Attribute {

        /** Copies. */
        public Tensors {
            values = List.copyOf(values);
        }
    }

    /** Graphs. */
    record Bodies(List<Graph> values) implements Attribute {

        /** Copies. */
        public Bodies {
            values = List.copyOf(values);
        }
    }

    /** Something that is kept as it is: a sparse tensor, a type, bytes that are no text, the attribute of a function. */
    final class Other implements Attribute {

        private final AttributeProto proto;

        Other(AttributeProto proto) {
            this.proto = proto;
        }

        AttributeProto proto() {
            return proto;
        }

        @Override
        public boolean equals(@org.jspecify.annotations.Nullable Object other) {
            return other instanceof Other that && proto.equals(that.proto);
        }

        @Override
        public int hashCode() {
            return proto.hashCode();
        }
    }

    /** {@return an integer} */
    static Attribute of(long value) {
        return new Int(value);
    }

    /** {@return a number} */
    static Attribute of(float value) {
        return new Real(value);
    }

    /** {@return a string} */
    static Attribute of(String value) {
        return new Text(value);
    }

    /** {@return a tensor} */
    static Attribute of(Weights value) {
        return new TensorValue(value);
    }

    /** {@return the body of an If, Loop or Scan} */
    static Attribute of(Graph value) {
        return new Body(value);
    }

    /** {@return integers} */
    static Attribute ofInts(List<Long> values) {
        return new Ints(values);
    }

    /** {@return numbers} */
    static Attribute ofFloats(List<Float> values) {
        return new Floats(values);
    }

    /** {@return strings} */
    static Attribute ofTexts(List<String> values) {
        return new Texts(values);
    }
}
