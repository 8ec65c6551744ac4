using System.Xml.Linq;

namespace AiDc.Architecture.Tests;

/// <summary>Who may know whom.</summary>
[TestFixture]
internal sealed class DependencyTests
{
    /// <summary>Projects and the projects of ours that they may reference; tests may reference what they like.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["AiDc.Api"] = [],
        ["AiDc.ControllerRuntime"] = [],
        ["AiDc.Api.Generator"] = ["AiDc.Api"],
        ["AiDc.Operator"] = ["AiDc.Api", "AiDc.ControllerRuntime"],
        ["AiDc.Gateway"] = ["AiDc.Api", "AiDc.ControllerRuntime"],
        ["AiDc.Coordination"] = [],
        ["AiDc.Agent"] = ["AiDc.Coordination"],
        ["AiDc.Trainer"] = ["AiDc.Coordination"],
    };

    private static IEnumerable<string> Projects() =>
        Repository.Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal) && !f.StartsWith("tests/", StringComparison.Ordinal));

    [TestCaseSource(nameof(Projects))]
    public void A_project_references_only_the_projects_that_it_may_know(string project)
    {
        var name = Path.GetFileNameWithoutExtension(project);

        Assert.That(Allowed, Does.ContainKey(name), "a new project: say here what it may reference");
        Assert.That(Items(project, "ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Replace('\\', '/'))), Is.SubsetOf(Allowed[name]));
    }

    [TestCaseSource(nameof(Projects))]
    public void Only_the_trainer_has_TorchSharp(string project)
    {
        if (Path.GetFileNameWithoutExtension(project) != "AiDc.Trainer")
            Assert.That(Items(project, "PackageReference"), Has.None.Contains("orch"));
    }

    [Test]
    public void The_api_is_types_on_the_models_of_Kubernetes_and_nothing_else() =>
        Assert.That(
            ProductAssemblies.ReferencesOf(ProductAssemblies.Named("AiDc.Api")).Where(r => !r.StartsWith("System.", StringComparison.Ordinal)),
            Is.SubsetOf(["KubernetesClient"]));

    [Test]
    public void The_api_does_no_input_and_no_output()
    {
        var used = ProductAssemblies.TypesOf(ProductAssemblies.Named("AiDc.Api")).SelectMany(TypeUse.Of).Where(Purity.IsImpure);

        Assert.That(used.Distinct(), Is.Empty);
    }

    [Test]
    public void The_controller_runtime_knows_nothing_of_AiDc() =>
        Assert.That(ProductAssemblies.ReferencesOf(ProductAssemblies.Named("AiDc.ControllerRuntime")), Has.None.StartsWith("AiDc"));

    [Test]
    public void The_trainer_knows_nothing_of_Kubernetes_and_of_the_operator()
    {
        var references = ((string[])["aidc-trainer", "aidc-agent", "AiDc.Coordination"]).SelectMany(a => ProductAssemblies.ReferencesOf(ProductAssemblies.Named(a))).ToList();

        Assert.That(references.Where(r => r.StartsWith("AiDc", StringComparison.Ordinal)).Distinct(), Is.EqualTo((string[])["AiDc.Coordination"]));
        Assert.That(references, Has.None.StartsWith("KubernetesClient"));
    }

    [Test]
    public void No_assembly_but_the_trainer_uses_TorchSharp()
    {
        var users = ProductAssemblies.All.Where(a => ProductAssemblies.ReferencesOf(a).Contains("TorchSharp")).Select(a => a.Name.Name);

        Assert.That(users, Is.SubsetOf(["aidc-trainer"]));
    }

    [Test]
    public void No_product_uses_test_code()
    {
        foreach (var assembly in ProductAssemblies.All)
            Assert.That(ProductAssemblies.ReferencesOf(assembly), Has.None.EqualTo("AiDc.Testing").And.None.StartsWith("nunit"), assembly.Name.Name);
    }

    private static IEnumerable<string> Items(string project, string item) =>
        XDocument.Load(Path.Combine(Repository.Root, project)).Descendants(item).Select(e => e.Attribute("Include")?.Value ?? "");
}
