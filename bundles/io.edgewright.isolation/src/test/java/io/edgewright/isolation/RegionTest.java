// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegionTest {

    @TempDir
    Path folder;

    @Test
    void isTheSameMemoryForBoth() throws Exception {
        Region ours = Region.create(List.of(folder), List.of(5L, 0L, 100_000L));
        Region theirs = Region.map(List.of(folder), ours.name(), List.of(5L, 0L, 100_000L));
        ours.delete();
        assertThat(folder).isEmptyDirectory();

        ours.part(2).put(99_999, (byte) 7);
        theirs.part(0).put(4, (byte) 3);

        assertThat(theirs.part(2).get(99_999)).isEqualTo((byte) 7);
        assertThat(ours.part(0).get(4)).isEqualTo((byte) 3);
        assertThat(ours.part(1).capacity()).isZero();
        assertThat(ours.part(2).isDirect()).isTrue();
    }

    @Test
    void takesTheNextFolderWhereTheFirstHasNoRoom() throws Exception {
        List<Path> folders = List.of(folder.resolve("full"), folder);
        Region ours = Region.create(folders, List.of(5L));
        Region.map(folders, ours.name(), List.of(5L)).part(0).put(0, (byte) 1);
        assertThat(ours.part(0).get(0)).isEqualTo((byte) 1);
    }

    @Test
    void leavesNothingWhereThereIsNoRoomAtAll() throws Exception {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> Region.create(List.of(folder.resolve("full")), List.of(5L)));
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void believesNoOtherSizeAndNoOtherName() throws Exception {
        Files.write(folder.resolve("00000000-0000-0000-0000-000000000000"), new byte[64]);
        assertRefused("00000000-0000-0000-0000-000000000000", 100, "64 bytes, expected");
        assertRefused("00000000-0000-0000-0000-000000000001", 100, "there is no shared memory");
        assertRefused("../../../../../../../../etc/hosts-00000", 100, "is no name");
        assertRefused("00000000-0000-0000-0000-000000000000", -1, "cannot be shared");
        assertRefused("00000000-0000-0000-0000-000000000000", Integer.MAX_VALUE, "cannot be shared");
    }

    private void assertRefused(String name, long length, String why) {
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> Region.map(List.of(folder), name, List.of(length)))
                .withMessageContaining(why);
    }
}
