// SPDX-License-Identifier: Apache-2.0
/** Pure: messages, and the state machine that talks to one peer. */
@NullMarked
package io.anabranch.sync.session;

import org.jspecify.annotations.NullMarked;
