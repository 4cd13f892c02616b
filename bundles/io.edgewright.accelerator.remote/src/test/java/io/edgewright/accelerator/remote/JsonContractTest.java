// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

/** The contract over JSON. */
class JsonContractTest extends RemoteContractTest {

    @Override
    boolean binary() {
        return false;
    }
}
