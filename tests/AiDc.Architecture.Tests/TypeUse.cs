using Mono.Cecil;

namespace AiDc.Architecture.Tests;

/// <summary>What a type uses: the full names of types, and of the members that its code calls or reads, as Type::Member.</summary>
internal static class TypeUse
{
    public static IEnumerable<string> Of(TypeDefinition type) =>
    [
        .. type.BaseType is { } parent ? Names(parent) : [],
        .. type.Interfaces.SelectMany(i => Names(i.InterfaceType)),
        .. type.GenericParameters.SelectMany(Constraints),
        .. type.Fields.SelectMany(f => Names(f.FieldType)),
        .. type.Methods.SelectMany(OfMethod),
    ];

    /// <summary>
    /// The types that a type passes to generic methods. They are known and not used: a builder that has a container make a thing does not
    /// touch the thing.
    /// </summary>
    public static IEnumerable<string> ArgumentsOf(TypeDefinition type) =>
        type.Methods.Where(m => m.HasBody).SelectMany(m => m.Body.Instructions)
            .Select(i => i.Operand).OfType<GenericInstanceMethod>().SelectMany(m => m.GenericArguments).SelectMany(Names);

    private static IEnumerable<string> OfMethod(MethodDefinition method)
    {
        var signature = method.Parameters.SelectMany(p => Names(p.ParameterType)).Concat(Names(method.ReturnType))
            .Concat(method.GenericParameters.SelectMany(Constraints));
        if (!method.HasBody)
            return signature;
        return signature
            .Concat(method.Body.Variables.SelectMany(v => Names(v.VariableType)))
            .Concat(method.Body.ExceptionHandlers.Where(h => h.CatchType is not null).SelectMany(h => Names(h.CatchType)))
            .Concat(method.Body.Instructions.SelectMany(i => OfOperand(i.Operand)));
    }

    private static IEnumerable<string> Constraints(GenericParameter parameter) => parameter.Constraints.SelectMany(c => Names(c.ConstraintType));

    private static IEnumerable<string> OfOperand(object? operand) => operand switch
    {
        MethodReference method => [.. Names(method.DeclaringType), .. Names(method.ReturnType), $"{method.DeclaringType.GetElementType().FullName}::{method.Name}"],
        FieldReference field => [.. Names(field.DeclaringType), .. Names(field.FieldType)],
        TypeReference type => Names(type),
        _ => [],
    };

    private static IEnumerable<string> Names(TypeReference type) => type switch
    {
        GenericInstanceType generic => [generic.ElementType.FullName, .. generic.GenericArguments.SelectMany(Names)],
        TypeSpecification specification => Names(specification.ElementType),
        GenericParameter => [],
        _ => [type.FullName],
    };
}
