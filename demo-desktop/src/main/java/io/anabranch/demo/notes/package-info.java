// SPDX-License-Identifier: Apache-2.0
/** A small notes app, whole: what an application has to write to have its file replicate. */
@org.jspecify.annotations.NullMarked
package io.anabranch.demo.notes;
