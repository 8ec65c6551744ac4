using AiDc.Agent.Hosting;

namespace AiDc.Agent.Tests.Hosting;

public sealed class AgentOptionsTests
{
    [Test]
    public void Options_have_variables_and_an_argument_has_the_last_word()
    {
        var options = Parse(["--processes", "4", "--", "python", "train.py"], ("AIDC_PROCESSES", "2"), ("AIDC_RESTART_GRACE", "7s"), ("AIDC_GRACE_PERIOD", "40s"));

        Assert.That(options.Command, Is.EqualTo((string[])["python", "train.py"]));
        Assert.That((options.Processes, options.Grace, options.LeaveAfter), Is.EqualTo((4, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(30))));
    }

    [Test]
    public void Whether_a_command_is_a_launcher_can_be_said()
    {
        Assert.That(Parse(["--", "torchrun", "x.py"]).Launcher, Is.EqualTo("torchrun"));
        Assert.That(Parse(["--launcher", "no", "--", "torchrun", "x.py"]).Launcher, Is.Null);
        Assert.That(Parse(["--launcher", "yes", "--", "./mine"]).Launcher, Is.EqualTo("./mine"));
    }

    [TestCase("--processes 0 -- true", "--processes 0")]
    [TestCase("--processes many -- true", "--processes many")]
    [TestCase("--grace soon -- true", "AIDC_RESTART_GRACE=soon")]
    [TestCase("--launcher maybe -- true", "--launcher maybe")]
    [TestCase("--unknown 1 -- true", "'--unknown'")]
    [TestCase("--processes 1", "after --")]
    public void What_is_wrong_is_named(string line, string named) =>
        Assert.That(() => Parse(line.Split(' ')), Throws.InstanceOf<AgentOptionsException>().With.Message.Contains(named));

    private static AgentOptions Parse(string[] arguments, params (string Name, string Value)[] variables) =>
        AgentOptions.Parse(arguments, name => variables.Where(v => v.Name == name).Select(v => v.Value).FirstOrDefault());
}
