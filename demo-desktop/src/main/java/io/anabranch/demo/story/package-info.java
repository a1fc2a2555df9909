// SPDX-License-Identifier: Apache-2.0
/** The guided tour: short stories that play in a lab of their own. Nothing here knows JavaFX. */
@org.jspecify.annotations.NullMarked
package io.anabranch.demo.story;
