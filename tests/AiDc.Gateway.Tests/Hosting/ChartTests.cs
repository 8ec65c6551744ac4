using System.Globalization;
using System.Text.RegularExpressions;
using AiDc.Gateway.Configuration;
using YamlDotNet.RepresentationModel;

namespace AiDc.Gateway.Tests.Hosting;

/// <summary>The chart says the gateway's defaults again, for people and for helm: it must say the same.</summary>
public sealed partial class ChartTests
{
    private static readonly string Chart = Path.Combine(Root(), "charts", "aidc");

    [Test]
    public void The_charts_defaults_are_the_gateways()
    {
        var values = (YamlMappingNode)Yaml(File.ReadAllText(Path.Combine(Chart, "values.yaml")))["gateway"];
        var defaults = new GatewayOptions();

        Assert.That(Text(values["domainSuffix"]), Is.EqualTo(defaults.DomainSuffix));
        Assert.That(Text(values["holdSeconds"]), Is.EqualTo($"{defaults.HoldSeconds}"));
        Assert.That(Text(values["maxWaiting"]), Is.EqualTo($"{defaults.MaxWaiting}"));
        Assert.That(Text(values["bodyMemoryMiB"]), Is.EqualTo($"{defaults.BodyMemoryMiB}"));
        Assert.That(Text(values["drainSeconds"]), Is.EqualTo($"{defaults.DrainSeconds}"));
        Assert.That(Text(values["shutdownSeconds"]), Is.EqualTo($"{defaults.ShutdownSeconds}"));
        Assert.That(Text(values["accessLogSampleRate"]), Is.EqualTo(defaults.AccessLogSampleRate.ToString(CultureInfo.InvariantCulture)));
        Assert.That(Text(values["logLevel"]), Is.EqualTo(defaults.LogLevel.ToString()));
    }

    [Test]
    public void Every_variable_that_the_chart_sets_is_a_setting_of_the_gateway()
    {
        var names = Variable().Matches(File.ReadAllText(Path.Combine(Chart, "templates", "gateway.yaml"))).Select(m => m.Groups[1].Value).Distinct().ToList();

        Assert.That(names, Has.Count.GreaterThan(7));
        foreach (var name in names)
            Assert.That(typeof(GatewayOptions).GetProperty(name), Is.Not.Null, name);
    }

    [Test]
    public void The_ports_of_the_chart_are_those_that_the_gateway_listens_at()
    {
        var template = File.ReadAllText(Path.Combine(Chart, "templates", "gateway.yaml"));
        var defaults = new GatewayOptions();

        foreach (var (name, port) in new[] { ("http", defaults.HttpPort), ("grpc", defaults.GrpcPort), ("https", defaults.HttpsPort), ("metrics", defaults.AdminPort) })
            Assert.That(template, Does.Contain($"{{name: {name}, containerPort: {port}}}"));
        Assert.That(template, Does.Contain($"mountPath: {Path.GetDirectoryName(defaults.OperatorTokenFile)}, readOnly"));
    }

    /// <summary>The folder that holds the solution, above the test's own.</summary>
    internal static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "AiDc.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value ?? "";

    private static YamlNode Yaml(string text)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        return yaml.Documents[0].RootNode;
    }

    [GeneratedRegex(@"name: Gateway__([A-Za-z]+)(__|,|\s)")]
    private static partial Regex Variable();
}
