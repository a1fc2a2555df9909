// SPDX-License-Identifier: Apache-2.0
/** Connections, below HTTP: certificates, and clients that are slow on purpose. */
@NullMarked
package io.anabranch.server.net;

import org.jspecify.annotations.NullMarked;
