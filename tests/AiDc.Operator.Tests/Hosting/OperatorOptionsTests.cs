using AiDc.Operator.Configuration;
using AiDc.Operator.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AiDc.Operator.Tests.Hosting;

public sealed class OperatorOptionsTests
{
    [Test]
    public void Defaults_are_valid_and_come_from_the_pod()
    {
        var options = Options(("POD_NAMESPACE", "aidc-system"), ("POD_NAME", "aidc-operator-abc"), ("POD_IP", "10.1.2.3"));

        Assert.That((options.Namespace, options.PodName, options.PodIP), Is.EqualTo(("aidc-system", "aidc-operator-abc", "10.1.2.3")));
    }

    [Test]
    public void A_setting_wins_over_what_the_pod_says()
    {
        var options = Options(("POD_NAMESPACE", "aidc-system"), ("Operator:Namespace", "other"));

        Assert.That(options.Namespace, Is.EqualTo("other"));
    }

    [Test]
    public void Lists_are_read_from_indexed_settings()
    {
        var options = Options(("Operator:AllowedHostPaths:0", "/srv/data"), ("Operator:AllowedHostPaths:1", "/srv/models"));

        Assert.That(options.AllowedHostPaths, Is.EqualTo(new[] { "/srv/data", "/srv/models" }));
    }

    [TestCase("Namespace", "Not_A_Namespace", "Operator__Namespace")]
    [TestCase("WatchNamespace", "a b", "Operator__WatchNamespace")]
    [TestCase("PodName", "Pod!", "Operator__PodName")]
    [TestCase("PodIP", "nowhere", "Operator__PodIP")]
    [TestCase("ServiceName", "a.b", "Operator__ServiceName")]
    [TestCase("TrainerImage", " ", "Operator__TrainerImage")]
    [TestCase("TrainerImagePullPolicy", "Sometimes", "Operator__TrainerImagePullPolicy")]
    [TestCase("GpuResourceName", "gpu", "Operator__GpuResourceName")]
    [TestCase("AllowedHostPaths:0", "srv", "Operator__AllowedHostPaths__0")]
    [TestCase("AllowedHostPaths:0", "/srv/../etc", "Operator__AllowedHostPaths__0")]
    [TestCase("Workers", "0", "Operator__Workers")]
    [TestCase("MetricsPort", "70000", "Operator__MetricsPort")]
    [TestCase("CoordinatorPort", "-1", "Operator__CoordinatorPort")]
    [TestCase("CoordinatorPort", "8080", "Operator__CoordinatorPort")]
    [TestCase("CoordinatorAddress", "http://plain:1", "Operator__CoordinatorAddress")]
    [TestCase("CoordinatorAddress", "https://host:1/path", "Operator__CoordinatorAddress")]
    public void A_bad_setting_is_refused_by_its_name_and_its_environment_variable(string setting, string value, string variable)
    {
        var error = Assert.Throws<OptionsValidationException>(() => Options(($"Operator:{setting}", value)));

        Assert.That(error!.Failures, Has.Exactly(1).Items);
        Assert.That(error.Message, Does.Contain($"Operator:{setting} ").And.Contain(variable).And.Contain($"'{value}'").And.Contain("give "));
    }

    private static OperatorOptions Options(params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(s => s.Key, string? (s) => s.Value));
        builder.AddOperator();
        return builder.Build().Services.GetRequiredService<IOptions<OperatorOptions>>().Value;
    }
}
