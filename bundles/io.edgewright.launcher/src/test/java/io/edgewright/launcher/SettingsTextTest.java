// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;

final class SettingsTextTest {

    @Test
    void givesEachSettingItsType() throws UsageException {
        assertThat(SettingsText.parse(List.of(
                                "model=shelf",
                                "version=1.0",
                                "accelerators=NPU, cpu",
                                "instances=2",
                                "max.latency.ratio=1.5",
                                "trusted=true"))
                        .toString())
                .isEqualTo("{\"model\":\"shelf\",\"version\":\"1.0\",\"accelerators\":[\"NPU\",\"cpu\"],"
                        + "\"instances\":2,\"max.latency.ratio\":1.5,\"trusted\":true}");
    }

    @Test
    void emptiesAListWithNothing() throws UsageException {
        assertThat(SettingsText.parse(List.of("accelerators=")).toString()).isEqualTo("{\"accelerators\":[]}");
    }

    @Test
    void makesAListOfAKeyThatIsThereAgain() throws UsageException {
        assertThat(SettingsText.texts(List.of("name=door", "zones=a: 0,0 1,1=x", "zones=b", "zones=c", "lines="))
                        .toString())
                .isEqualTo("{\"name\":\"door\",\"zones\":[\"a: 0,0 1,1=x\",\"b\",\"c\"],\"lines\":\"\"}");
    }

    @Test
    void saysWhatIsWrong() {
        refuses("modle=x", "did you mean 'model'");
        refuses("model", "not like key=value");
        refuses("instances=two", "expected a number");
        refuses("trusted=yes", "true or false");
    }

    private static void refuses(String word, String message) {
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> SettingsText.parse(List.of(word)))
                .withMessageContaining(message);
    }
}
