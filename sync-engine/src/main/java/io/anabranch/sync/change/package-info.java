// SPDX-License-Identifier: Apache-2.0
/** Pure: values, operations, change sets, their bytes, and the arithmetic of who lacks what. */
@NullMarked
package io.anabranch.sync.change;

import org.jspecify.annotations.NullMarked;
