// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

/** Takes the elements of a JSON data array one by one. */
interface DataSink {

    /** A JSON number as it is written. */
    void number(String text) throws HttpProblem;

    /** A JSON string. */
    void string(String text) throws HttpProblem;

    /** A JSON boolean. */
    void bool(boolean value) throws HttpProblem;

    /** {@return by how many bytes of memory this has grown since it was asked last} */
    int grown();
}
