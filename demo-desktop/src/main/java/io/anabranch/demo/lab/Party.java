// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/** One end of a link: a replica or the relay. Thread-safe. */
public interface Party {
    String name();

    /** Returns whether it runs. */
    boolean isUp();

    /** Returns whether it runs and its network is on. */
    boolean isOnline();

    /** Returns where it answers; null while it does not. */
    @Nullable
    URI url();
}
