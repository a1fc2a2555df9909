// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import java.util.function.Consumer;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * A change to the byte code of one class, such as a careless edit of its source would make.
 *
 * @param className with dots, and a dollar before a nested class
 * @param method the one to change, with the lambdas in it
 */
record Patch(String className, String method, Change change) {
    /** What becomes of a method. */
    interface Change {
        /**
         * Returns what is told of the method's code and passes on what it makes of it; null if it has written another.
         *
         * @param done to be run for each place that was changed
         */
        MethodVisitor around(MethodVisitor out, Type type, Runnable done);
    }

    /** Leaves out the calls of {@code callee}; who wants an answer gets null, false or 0. */
    static Patch without(String className, String method, String callee) {
        return replacing(className, method, callee, null);
    }

    /** Has calls of {@code callee} do nothing and answer what {@code code} leaves on the stack. */
    static Patch replacing(String className, String method, String callee, Consumer<MethodVisitor> code) {
        return new Patch(className, method, (out, type, done) -> new MethodVisitor(Opcodes.ASM9, out) {
            @Override
            public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
                if (!name.equals(callee)) {
                    super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
                    return;
                }
                done.run();
                Type[] arguments = Type.getArgumentTypes(descriptor);
                for (int i = arguments.length - 1; i >= 0; i--) {
                    super.visitInsn(arguments[i].getSize() == 2 ? Opcodes.POP2 : Opcodes.POP);
                }
                if (opcode != Opcodes.INVOKESTATIC) {
                    super.visitInsn(Opcodes.POP);
                }
                answer(mv, Type.getReturnType(descriptor), code);
            }
        });
    }

    /** Has the method answer the opposite. */
    static Patch negating(String className, String method) {
        return new Patch(className, method, (out, type, done) -> new MethodVisitor(Opcodes.ASM9, out) {
            @Override
            public void visitInsn(int opcode) {
                if (opcode == Opcodes.IRETURN) {
                    done.run();
                    super.visitInsn(Opcodes.ICONST_1);
                    super.visitInsn(Opcodes.IXOR);
                }
                super.visitInsn(opcode);
            }
        });
    }

    /** Has the method do more at its beginning. */
    static Patch first(String className, String method, Consumer<MethodVisitor> code) {
        return new Patch(className, method, (out, type, done) -> new MethodVisitor(Opcodes.ASM9, out) {
            @Override
            public void visitCode() {
                done.run();
                super.visitCode();
                code.accept(mv);
            }
        });
    }

    /** Has the method do nothing but {@code code}, which leaves the answer on the stack; null answers null, false or 0. */
    static Patch instead(String className, String method, Consumer<MethodVisitor> code) {
        return new Patch(className, method, (out, type, done) -> {
            done.run();
            out.visitCode();
            answer(out, type.getReturnType(), code);
            out.visitInsn(type.getReturnType().getOpcode(Opcodes.IRETURN));
            out.visitMaxs(0, 0);
            out.visitEnd();
            return null;
        });
    }

    private static void answer(MethodVisitor out, Type type, Consumer<MethodVisitor> code) {
        if (code != null) {
            code.accept(out);
            return;
        }
        switch (type.getSort()) {
            case Type.VOID -> {}
            case Type.LONG -> out.visitInsn(Opcodes.LCONST_0);
            case Type.OBJECT, Type.ARRAY -> out.visitInsn(Opcodes.ACONST_NULL);
            default -> out.visitInsn(Opcodes.ICONST_0);
        }
    }

    /** Returns the class with the change in it. */
    byte[] apply(byte[] original) {
        ClassReader reader = new ClassReader(original);
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        int[] changes = {0};
        reader.accept(
                new ClassVisitor(Opcodes.ASM9, writer) {
                    @Override
                    public MethodVisitor visitMethod(
                            int access, String name, String descriptor, String signature, String[] exceptions) {
                        MethodVisitor out = super.visitMethod(access, name, descriptor, signature, exceptions);
                        boolean isMeant = name.equals(method) || name.startsWith("lambda$" + method + "$");
                        return isMeant && (access & Opcodes.ACC_BRIDGE) == 0
                                ? change.around(out, Type.getMethodType(descriptor), () -> changes[0]++)
                                : out;
                    }
                },
                0);
        if (changes[0] == 0) {
            throw new AssertionError("nothing to change in " + className + "." + method);
        }
        return writer.toByteArray();
    }
}
