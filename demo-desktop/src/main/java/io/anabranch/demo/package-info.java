// SPDX-License-Identifier: Apache-2.0
/** The desktop demonstration: the lab with links to cut, and the notes application that people copy. */
package io.anabranch.demo;
