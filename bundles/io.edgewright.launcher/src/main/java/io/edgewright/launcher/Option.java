// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

/**
 * One option of a command.
 *
 * @param name without the dashes
 * @param value what its value is called in the help; empty for a flag
 * @param help one line
 */
record Option(String name, String value, String help) {

    boolean isFlag() {
        return value.isEmpty();
    }

    @Override
    public String toString() {
        return "--" + name + (isFlag() ? "" : " " + value);
    }
}
