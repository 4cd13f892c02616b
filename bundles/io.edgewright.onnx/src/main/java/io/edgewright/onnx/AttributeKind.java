// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import io.edgewright.onnx.proto.AttributeProto;

/** AttributeProto.AttributeType of ONNX, in the order of its numbers, which begin at 1. */
enum AttributeKind {
    FLOAT,
    INT,
    STRING,
    TENSOR,
    GRAPH,
    FLOATS,
    INTS,
    STRINGS,
    TENSORS,
    GRAPHS,
    /** Sparse tensors, types, and attributes that stand for one of their function. */
    OTHER;

    int code() {
        return ordinal() + 1;
    }

    static AttributeKind of(AttributeProto proto) {
        if (!proto.getRefAttrName().isEmpty()) {
            return OTHER;
        }
        int code = proto.getType();
        if (code == 0) {
            return guess(proto);
        }
        return code > 0 && code <= OTHER.ordinal() ? values()[code - 1] : OTHER;
    }

    /** The first IR version had no types. */
    private static AttributeKind guess(AttributeProto proto) {
        if (proto.hasF()) {
            return FLOAT;
        } else if (proto.hasI()) {
            return INT;
        } else if (proto.hasS()) {
            return STRING;
        } else if (proto.hasT()) {
            return TENSOR;
        } else if (proto.hasG()) {
            return GRAPH;
        } else if (proto.getFloatsCount() > 0) {
            return FLOATS;
        } else if (proto.getIntsCount() > 0) {
            return INTS;
        }
        return proto.getStringsCount() > 0 ? STRINGS : OTHER;
    }
}
