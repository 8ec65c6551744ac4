using Mono.Cecil;

namespace AiDc.Architecture.Tests;

/// <summary>Planners, policies and builders decide from what they are given: nothing else goes in, nothing but the result comes out.</summary>
[TestFixture]
internal sealed class PurityTests
{
    private static IEnumerable<TestCaseData> PureTypes() => ProductAssemblies.All
        .SelectMany(ProductAssemblies.TypesOf)
        .Where(t => t.DeclaringType is null && Purity.MustBePure(t))
        .Select(t => new TestCaseData(t).SetArgDisplayNames(t.FullName));

    [TestCaseSource(nameof(PureTypes))]
    public void A_planner_policy_or_builder_is_pure(TypeDefinition type)
    {
        var used = WithNested(type).SelectMany(TypeUse.Of).Where(Purity.IsImpure).Distinct();

        Assert.That(used, Is.Empty);
    }

    [Test]
    public void There_are_pure_types_to_look_at() => Assert.That(PureTypes().Count(), Is.GreaterThan(3));

    [Test]
    public void The_check_sees_what_is_not_pure()
    {
        using var self = AssemblyDefinition.ReadAssembly(typeof(PurityTests).Assembly.Location);
        var type = self.MainModule.GetType(typeof(ImpurePolicy).FullName);

        Assert.That(Purity.MustBePure(type), Is.True);
        Assert.That(
            WithNested(type).SelectMany(TypeUse.Of).Where(Purity.IsImpure),
            Is.SupersetOf(["System.DateTimeOffset::get_UtcNow", "System.IO.File", "System.Threading.Tasks.Task`1", "System.TimeProvider"]));
    }

    private static IEnumerable<TypeDefinition> WithNested(TypeDefinition type) => type.NestedTypes.SelectMany(WithNested).Prepend(type);
}
