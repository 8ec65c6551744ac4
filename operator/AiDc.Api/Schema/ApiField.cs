using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;

namespace AiDc.Api.Schema;

/// <summary>A field of a resource as the C# types declare it.</summary>
/// <param name="Property">Its property.</param>
/// <param name="Name">Its name in manifests.</param>
/// <param name="Type">Its type without <see cref="Nullable{T}"/>.</param>
/// <param name="Required">Whether a manifest has to have it.</param>
/// <param name="Default">What it is when a manifest leaves it out; null when there is no default.</param>
public sealed record ApiField(PropertyInfo Property, string Name, Type Type, bool Required, object? Default)
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<ApiField>> Known = new();

    public StringFormat? Format => Attribute<FormatAttribute>()?.Format;

    public T? Attribute<T>()
        where T : Attribute => Property.GetCustomAttribute<T>();

    /// <summary>The fields of a type in the order in which they are declared.</summary>
    public static IReadOnlyList<ApiField> Of(Type type) => Known.GetOrAdd(type, Read);

    private static IReadOnlyList<ApiField> Read(Type type)
    {
        var example = Activator.CreateInstance(type)!;
        return
        [
            .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(p => p.CanWrite)
                .OrderBy(p => p.MetadataToken)
                .Select(p => Of(p, example)),
        ];
    }

    private static ApiField Of(PropertyInfo property, object example)
    {
        var required = property.GetCustomAttribute<RequiredAttribute>() is not null;
        return new ApiField(
            property,
            JsonNamingPolicy.CamelCase.ConvertName(property.Name),
            Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType,
            required,
            required ? null : property.GetValue(example));
    }
}
