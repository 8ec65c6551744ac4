using Mono.Cecil;

namespace AiDc.Architecture.Tests;

/// <summary>The assemblies of the products, read and not loaded: the trainer's native libraries are not needed for it.</summary>
internal static class ProductAssemblies
{
    private static readonly Lazy<IReadOnlyList<AssemblyDefinition>> Read = new(() =>
        [.. File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "product-assemblies.txt")).Select(AssemblyDefinition.ReadAssembly)]);

    public static IReadOnlyList<AssemblyDefinition> All => Read.Value;

    public static IEnumerable<string> Names => All.Select(a => a.Name.Name);

    public static AssemblyDefinition Named(string name) => All.Single(a => a.Name.Name == name);

    /// <summary>All types with those nested in them, such as the compiler's for closures.</summary>
    public static IEnumerable<TypeDefinition> TypesOf(AssemblyDefinition assembly) => assembly.MainModule.GetTypes();

    /// <summary>The names of the assemblies that an assembly really uses.</summary>
    public static IReadOnlyList<string> ReferencesOf(AssemblyDefinition assembly) => [.. assembly.MainModule.AssemblyReferences.Select(r => r.Name)];
}
