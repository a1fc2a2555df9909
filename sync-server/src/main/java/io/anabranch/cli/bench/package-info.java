// SPDX-License-Identifier: Apache-2.0
/** What {@code anabranch bench} measures, on replicas and relays that it makes for that. */
@NullMarked
package io.anabranch.cli.bench;

import org.jspecify.annotations.NullMarked;
