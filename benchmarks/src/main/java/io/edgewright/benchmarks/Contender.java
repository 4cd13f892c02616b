// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

/** A way to run a model, opened once, used by several threads until the process ends. */
interface Contender {

    /** Runs the model once for one client: from an array of floats to an array of floats. One thread. */
    @FunctionalInterface
    interface Client {

        /**
         * Answers one request.
         *
         * @throws Exception as the library does
         */
        void call() throws Exception;
    }

    /**
     * {@return what one thread calls}
     *
     * @param request the input, copied in at every call
     * @param answer where the output is copied to at every call
     * @throws Exception as the library does
     */
    Client client(float[] request, float[] answer) throws Exception;
}
