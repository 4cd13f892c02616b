// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.type;

/** The types of a property. Order and number differ from Kura's: never use ordinals. */
public enum DataType {
    BOOLEAN,
    BYTE_ARRAY,
    DOUBLE,
    FLOAT,
    INTEGER,
    LONG,
    STRING
}
