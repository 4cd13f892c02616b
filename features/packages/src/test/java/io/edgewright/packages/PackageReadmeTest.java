// SPDX-License-Identifier: Apache-2.0
package io.edgewright.packages;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PackageReadmeTest {

    @Test
    void aReadmeStandsAlone() {
        assertThat(
                        PackageReadme.alone(
                                "# Store\n\nSee [the docs](../../docs/a.md#b) or [ORT](https://onnxruntime.ai).\n\n## On disk\n```\n# all\n```\n"))
                .isEqualTo(
                        "## Store\n\nSee the docs or [ORT](https://onnxruntime.ai).\n\n### On disk\n```\n# all\n```\n");
    }
}
