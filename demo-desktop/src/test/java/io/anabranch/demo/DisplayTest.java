// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class DisplayTest {
    @Test
    void withoutADisplayTheHeadlessWayIsNamed() {
        assertThat(Display.missing("Linux", Map.of()))
                .isEqualTo("there is no display (DISPLAY is not set). Pictures can be made without one:"
                        + " anabranch desktop --screenshot DIR --story 1");
        assertThat(Display.missing("Linux", Map.of("DISPLAY", ":0"))).isNull();
        assertThat(Display.missing("Linux", Map.of("WAYLAND_DISPLAY", "wayland-0")))
                .isNull();
        assertThat(Display.missing("Windows 11", Map.of())).isNull();
    }
}
