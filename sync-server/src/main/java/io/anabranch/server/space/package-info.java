// SPDX-License-Identifier: Apache-2.0
/** What a relay does with a space: what it takes, gives, keeps and forgets. Over any {@code RelayStore}, without HTTP. */
@NullMarked
package io.anabranch.server.space;

import org.jspecify.annotations.NullMarked;
