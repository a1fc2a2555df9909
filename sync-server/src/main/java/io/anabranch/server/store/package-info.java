// SPDX-License-Identifier: Apache-2.0
/** What a relay keeps: the change sets of each space, in the order in which they arrived. */
@NullMarked
package io.anabranch.server.store;

import org.jspecify.annotations.NullMarked;
