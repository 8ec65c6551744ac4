namespace AiDc.Api.Schema;

/// <summary>The list is a map by this field of its items: server-side apply merges it item by item.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListMapKeyAttribute(string key) : Attribute
{
    public string Key { get; } = key;
}
