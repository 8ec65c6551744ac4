using Mono.Cecil;

namespace AiDc.Architecture.Tests;

/// <summary>
/// The rooms of a product: its namespaces, by their names below that of the product. An arrow leads from a room to one that it knows: a
/// type of it names a type of the other.
/// </summary>
internal static class Rooms
{
    /// <summary>All arrows of an assembly, each as (from, to).</summary>
    public static IReadOnlySet<(string From, string To)> ArrowsOf(AssemblyDefinition assembly, string root)
    {
        var arrows =
            from type in ProductAssemblies.TypesOf(assembly)
            let room = RoomOf(NamespaceOf(type.FullName), root)
            where room is not null
            from use in TypeUse.Of(type).Concat(TypeUse.ArgumentsOf(type))
            let other = RoomOf(NamespaceOf(use), root)
            where other is not null && other != room
            select (room, other);
        return arrows.ToHashSet();
    }

    /// <summary>
    /// A way that leads back to where it began; null where there is none. A room and the folders in it are read as one, so arrows between
    /// a folder and the room that it is in are no part of a way.
    /// </summary>
    public static IReadOnlyList<string>? Cycle(IEnumerable<(string From, string To)> arrows)
    {
        var next = arrows.Where(a => !IsIn(a.From, a.To) && !IsIn(a.To, a.From)).ToLookup(a => a.From, a => a.To);
        var done = new HashSet<string>();
        return next.Select(n => n.Key).Order(StringComparer.Ordinal).Select(r => Walk(r, next, [], done)).FirstOrDefault(way => way is not null);
    }

    private static List<string>? Walk(string room, ILookup<string, string> next, List<string> way, HashSet<string> done)
    {
        if (way.IndexOf(room) is >= 0 and var start) return [.. way[start..], room];
        if (!done.Add(room)) return null;
        List<string> further = [.. way, room];
        return next[room].Order(StringComparer.Ordinal).Select(r => Walk(r, next, further, done)).FirstOrDefault(found => found is not null);
    }

    private static bool IsIn(string inner, string outer) => inner.StartsWith(outer + ".", StringComparison.Ordinal);

    /// <summary>The room that a namespace is; null for one of another product. What lies in the root itself (the program) is no room.</summary>
    private static string? RoomOf(string ns, string root) => ns.StartsWith(root + ".", StringComparison.Ordinal) ? ns[(root.Length + 1)..] : null;

    /// <summary>Of a type or a member, as <see cref="TypeUse"/> names it.</summary>
    private static string NamespaceOf(string use)
    {
        var type = use.Split("::")[0].Split('/')[0];
        return type.LastIndexOf('.') is > 0 and var end ? type[..end] : "";
    }
}
